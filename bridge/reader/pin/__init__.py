"""Questions about PINs: who is asked, how, and the operations around them."""
