"""Write a dataset and put it in the place of the one before."""
