"""What is made of a result: a folder of files, maps, styles, other formats."""
