"""营城 — carries a city's 六个一 programme from the workbooks people really send to the six deliverables."""
