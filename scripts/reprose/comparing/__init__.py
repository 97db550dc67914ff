"""Which numbers changed since an earlier commit, and whether by more than seeds alone can change them."""
