"""The donor's labels: public properties of many materials, one row per formula."""
