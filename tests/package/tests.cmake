# The Debian packages, made of this tree's programs.
if(TARGET florind AND TARGET florin AND TARGET florin-sandbox AND TARGET florin-verify)
  florin_python_test(packages package ${CMAKE_CURRENT_SOURCE_DIR}/package/test_packages.py 600)
  set_tests_properties(packages PROPERTIES RUN_SERIAL ON)
endif()
