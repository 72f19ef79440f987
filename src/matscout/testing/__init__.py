"""Contract suites: what every plug-in must do, whoever wrote it.

A package that brings plug-ins tests them with a file of a few lines; pytest finds every plug-in by itself::

    from matscout.testing.models import ModelContract


    class TestMyModels(ModelContract):
        package = "my_package"

Each suite is a class of test functions. ``package`` keeps to the plug-ins of one package; without it all that are
installed are tested. What takes long has the marker ``slow``, which the package has to register with pytest. Plug-ins
that need something which is not installed are skipped, with what is missing as the reason.
"""
