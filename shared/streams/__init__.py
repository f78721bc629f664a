"""What an announced stream is: which records, how they are read, how they are split."""
