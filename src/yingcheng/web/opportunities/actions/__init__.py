"""Every write of ②: one verb, one function, one transaction, its audit entry last."""
