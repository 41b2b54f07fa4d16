"""What is asked of a result or a study: the board, a path, what if."""
