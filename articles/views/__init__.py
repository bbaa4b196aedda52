"""What readers and machines ask for over HTTP."""
