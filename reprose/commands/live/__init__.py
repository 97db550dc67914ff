"""What `reprose watch` is made of: which files count, builds that start warm, and the pages that it serves."""
