"""Papers: the words of PDF documents, read in a process of its own with bounds on memory and time."""
