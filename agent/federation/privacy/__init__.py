"""What a federation promises about one participant's records: changes of bounded length, and noise."""
