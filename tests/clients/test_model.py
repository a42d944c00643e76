"""tests/data/model.json, which the types of the program are held against, is what the installed botocore says."""
import pathlib
import subprocess
import sys
import unittest

DERIVE = pathlib.Path(__file__).parents[1] / "data/model.py"


class Model(unittest.TestCase):
    def test_the_table_is_that_of_botocore(self):
        checked = subprocess.run([sys.executable, DERIVE, "--check"], capture_output=True, text=True)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
