"""From rows to the records of the six steps: one module per kind of table."""
