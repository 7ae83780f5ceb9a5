"""
Diagnosing an ill network
=========================

Three mistakes in one fit: features as they come, an initial rate of 0.1, and twenty epochs.
:func:`skdeep.inspection.diagnose` names what an experienced eye would see, one cause after the
other is taken away, and the accuracy on wines that the network has not seen goes from half to all.
"""

# %%
# The patient
# -----------
# Chemical analyses of 178 wines of three growers. One feature has values about 750, another about
# 0.3.

import warnings

import matplotlib.pyplot as plt
from sklearn.datasets import load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdeep import MLPClassifier
from skdeep.inspection import ActivationDisplay, TrainingCurveDisplay, diagnose

warnings.simplefilter("ignore", ConvergenceWarning)  # the diagnosis says more
X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

ill = MLPClassifier((50, 50), learning_rate_init=0.1, max_iter=20, random_state=0)
ill.fit(X_train, y_train)
print(f"accuracy {ill.score(X_test, y_test):.1%}")
print(diagnose(ill, X_train, y_train))

# %%
# What the layers do says the same in pictures: most rectified units are zero for all wines.

ActivationDisplay.from_estimator(ill, X_train, y_train)
plt.show()

# %%
# First, the features
# -------------------
# A scaler in front of the network. On features of one scale even the high rate does no harm: most
# of the illness was theirs.

scaled = make_pipeline(StandardScaler(), ill).fit(X_train, y_train)
print(f"accuracy {scaled.score(X_test, y_test):.1%}")
print(diagnose(scaled, X_train, y_train))

# %%
# Then the rate
# -------------
# A hundredth of the rate is the default, and would be the cautious choice. Now twenty epochs are
# too few, and that is what is found.

patient = make_pipeline(StandardScaler(), MLPClassifier((50, 50), max_iter=20, random_state=0))
patient.fit(X_train, y_train)
print(f"accuracy {patient.score(X_test, y_test):.1%}")
print(diagnose(patient, X_train, y_train, X_val=X_test, y_val=y_test))

# %%
# Then the epochs
# ---------------

cured = make_pipeline(StandardScaler(), MLPClassifier((50, 50), max_iter=400, random_state=0))
cured.fit(X_train, y_train)
print(f"accuracy {cured.score(X_test, y_test):.1%}")
print(diagnose(cured, X_train, y_train, X_val=X_test, y_val=y_test))
TrainingCurveDisplay.from_estimator(cured)
plt.show()
