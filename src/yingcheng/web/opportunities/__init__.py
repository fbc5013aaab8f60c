"""② The list of scenario opportunities: import, checking, publication, portal."""
