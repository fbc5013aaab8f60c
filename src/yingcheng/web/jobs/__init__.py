"""Work that goes on behind the pages: who does it, and what happens when he is lost."""
