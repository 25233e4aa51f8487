"""What tests are made of: simulated runs, records, machines, models and engines."""
