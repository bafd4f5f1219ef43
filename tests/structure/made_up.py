"""A folder with made-up files, for tests of the checks; built where symbols matter."""
import os
import subprocess
import tempfile
import unittest


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name

    def write(self, path, text):
        """Writes a file; returns its whole path."""
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, 'w', encoding='utf-8') as stream:
            stream.write(text)
        return full

    def build(self, files):
        """Writes {path: text} and compiles what is C. Returns the objects, named as CMake's."""
        objects = []
        sources = [(path, self.write(path, text)) for path, text in files.items()]
        for path, full in sources:
            if path.endswith('.c'):
                target = os.path.join(self.root, 'build/CMakeFiles/all.dir/.', path + '.o')
                os.makedirs(os.path.dirname(target), exist_ok=True)
                subprocess.run(['cc', '-c', '-I', self.root, '-o', target, full], check=True)
                objects.append(target)
        return objects
