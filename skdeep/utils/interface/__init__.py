"""What a fitted estimator reads and says, for programs that know nothing else of it."""

from skdeep.utils.interface.columns import InputColumn, describe_columns
from skdeep.utils.interface.signature import Signature, final_step, signature_of

__all__ = ["InputColumn", "Signature", "describe_columns", "final_step", "signature_of"]
