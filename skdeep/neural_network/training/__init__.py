"""How a network estimator is trained: rules, samples, solvers, and the tasks that callbacks see."""
