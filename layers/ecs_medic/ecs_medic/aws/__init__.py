"""Reading AWS: clients made when first used, errors told apart, independent calls made together."""
