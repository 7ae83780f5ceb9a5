"""Second-order minimisation of convex functions of the weights of a linear map."""
