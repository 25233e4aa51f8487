"""From records to tables: one row a launch, one row a sample."""
