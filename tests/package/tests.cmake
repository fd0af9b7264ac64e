# The Debian packages, made of this tree's programs. 77 says that something cannot run here.
if(TARGET florind AND TARGET florin AND TARGET florin-sandbox AND TARGET florin-verify)
  florin_python_test(packages package ${CMAKE_CURRENT_SOURCE_DIR}/package/test_packages.py 600)
  set_tests_properties(packages PROPERTIES RUN_SERIAL ON SKIP_RETURN_CODE 77)
  # A Debian that boots takes minutes to make: scripts/test.sh --long
  if(FLORIN_LONG)
    florin_python_test(packages_boot package ${CMAKE_CURRENT_SOURCE_DIR}/package/test_boot.py 2400)
    set_tests_properties(packages_boot PROPERTIES RUN_SERIAL ON SKIP_RETURN_CODE 77)
  endif()
endif()
