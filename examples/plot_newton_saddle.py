"""
Newton's method and saddles
===========================

Newton's method steps to where the quadratic model of a function is flat, be that a minimum or a
saddle. Raising the curvature until the model has a minimum, which is what ``solver="newton"`` does,
turns the step downhill. From the same start, the plain method ends on a saddle of Beale's function,
the damped one in its minimum after a dozen steps.
"""

# %%
# Beale's function with its Hessian
# ---------------------------------

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize

from skdeep.inspection import OptimizerPathDisplay
from skdeep.nn.second_order import newton

START, MINIMUM, SADDLE = np.array([1.0, 1.5]), (3.0, 0.5), (0.0, 1.0)


def parts(w):
    """Return the three residuals, whose squares are summed, and their slopes."""
    x, y = w
    residuals = np.array([1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3])
    return residuals, np.array([[y - 1, x], [y**2 - 1, 2 * x * y], [y**3 - 1, 3 * x * y**2]])


def beale(w):
    """Return the value and the gradient."""
    residuals, slopes = parts(w)
    return residuals @ residuals, 2 * residuals @ slopes


def hessian(w):
    """Return the second derivatives."""
    (x, y), (residuals, slopes) = w, parts(w)
    bends = np.array([[[0, k * y ** (k - 1)], [k * y ** (k - 1), 0]] for k in (1, 2, 3)])
    bends[1:, 1, 1] = 2 * x, 6 * x * y
    return 2 * (slopes.T @ slopes + np.tensordot(residuals, bends, 1))


print("curvatures at the start", np.linalg.eigvalsh(hessian(START)).round(1))
print("curvatures at the saddle", np.linalg.eigvalsh(hessian(np.array(SADDLE))).round(1))
print("curvatures at the minimum", np.linalg.eigvalsh(hessian(np.array(MINIMUM))).round(1))

# %%
# Four ways down
# --------------
# At the start one curvature is negative, and along it the plain step goes uphill. Quasi-Newton
# steps and conjugate gradients learn curvature from gradients and follow a line search, which
# accepts only what is lower.

plain = [START]
for _ in range(8):
    plain.append(plain[-1] - np.linalg.solve(hessian(plain[-1]), beale(plain[-1])[1]))

damped = [START]
newton(
    beale,
    hessian,
    START,
    max_iter=50,
    tol=1e-10,
    after_iteration=lambda w, value: damped.append(w),
)

paths = {"Newton, plain": np.array(plain), "Newton, damped": np.array(damped)}
for name, method in (("BFGS", "BFGS"), ("conjugate gradients", "CG")):
    path = [START]
    minimize(beale, START, jac=True, method=method, callback=lambda w, path=path: path.append(w))
    paths[name] = np.array(path)

display = OptimizerPathDisplay.from_function(
    beale, paths, START, bounds=((-0.6, 4.0), (-1.2, 1.9)), minimum=MINIMUM
)
ax = display.ax_
ax.plot(*SADDLE, "X", color="white", ms=11, mec="black", label="saddle")
ax.legend(fontsize="small")
ax.set_title("The plain Newton step is drawn to the saddle")
plt.show()

for name, path in paths.items():
    print(f"{name:<20} {len(path) - 1:>2} steps to {path[-1].round(4) + 0.0}")
