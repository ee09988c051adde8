"""The lab's own promise: suites that run at once never get the same port."""

import subprocess
import sys
import unittest

from lab.programs import free_port, free_ports, port_is_free

ONE_LAB = "from lab.programs import free_port; print(*(free_port() for _ in range(60)), flush=True); input()"


class FreePorts(unittest.TestCase):
    def test_labs_at_the_same_time_get_different_ports(self):
        labs = [subprocess.Popen([sys.executable, "-c", ONE_LAB], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                for _ in range(12)]
        ports = [port for lab in labs for port in lab.stdout.readline().split()]
        for lab in labs:
            lab.communicate("\n", timeout=20)
        self.assertEqual(len(ports), 12 * 60)
        self.assertEqual(len(set(ports)), len(ports))

    def test_ports_in_a_row_are_free_and_not_given_out_again(self):
        row = free_ports(10)
        self.assertEqual(row, list(range(row[0], row[0] + 10)))
        self.assertTrue(all(map(port_is_free, row)))
        self.assertNotIn(free_port(), row)


if __name__ == "__main__":
    unittest.main(verbosity=2)
