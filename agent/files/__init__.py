"""The only readers and writers of every file format that Steadyhand keeps."""
