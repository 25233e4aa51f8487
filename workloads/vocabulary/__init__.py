"""The words of the suite as types, shared by all packages: record, plan, knobs, inventory, errors, documents."""
