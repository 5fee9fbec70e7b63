"""What the servers have in common: runs, searches and doors on behalf of others. Import its modules by name."""
