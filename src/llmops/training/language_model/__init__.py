"""The project's own small language model: corpus → tokenizer → model → an OpenVINO folder; and adapting a bigger one.

Everything it learns from is the phrase bank and the personas, both written for this project.
"""
