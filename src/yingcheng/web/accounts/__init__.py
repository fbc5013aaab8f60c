"""Who uses the installation, for whom, in which role."""
