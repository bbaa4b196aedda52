"""What strangers feed the program: every published family of hostile markup, through every door."""
