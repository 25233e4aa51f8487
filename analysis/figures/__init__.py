"""One figure a module, its style, and the list of figures that a plan has.

A figure shows numbers of tables and comparisons; it computes none that a table does not hold.
"""
