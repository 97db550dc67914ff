import json

import numpy as np
import pytest
import torch

from reprose.base.canonical import to_pretty_json
from reprose.base.errors import ReproseError


@pytest.mark.parametrize("number", [np.float32(0.5), np.float64(0.5), np.array(0.5), torch.tensor(0.5)])
def test_a_number_of_another_library_is_written_as_one(number):
    assert json.loads(to_pretty_json({"a": number})) == {"a": 0.5}


@pytest.mark.parametrize("value", [np.zeros(2), np.longdouble(0.5), 1j, {1, 2}, b"a"])
def test_what_json_does_not_know_is_told(value):
    with pytest.raises(ReproseError, match="which JSON does not know"):
        to_pretty_json({"a": value})
