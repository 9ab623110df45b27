"""Jobs over the API: listed, shown, created, and moved by verbs, one or many."""
