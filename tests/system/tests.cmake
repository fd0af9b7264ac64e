# Tests of the built programs together, in Python. They need the daemon, the sandbox and the command
# line; without those rooms in the build they are not registered.
find_package(Python3 COMPONENTS Interpreter REQUIRED)

function(florin_python_test name label file timeout_s)
  add_test(NAME ${name} COMMAND ${Python3_EXECUTABLE} -B ${file})
  set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT ${timeout_s}
    ENVIRONMENT "FLORIN_BUILD=${CMAKE_BINARY_DIR}")
endfunction()

florin_python_test(examples unit ${CMAKE_CURRENT_SOURCE_DIR}/unit/examples/test_examples.py 60)

if(TARGET florind AND TARGET florin AND TARGET florin-sandbox AND TARGET florin-verify)
  florin_python_test(first_payment system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_first_payment.py 180)
  florin_python_test(payment_life system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_payment_life.py 180)
  florin_python_test(confirm system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_confirm.py 180)
  florin_python_test(branches system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_branches.py 180)
  florin_python_test(bad_input system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_bad_input.py 180)
  florin_python_test(start_states system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_start_states.py 180)
  florin_python_test(hsm_life system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_hsm_life.py 300)
  florin_python_test(connectors system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_connectors.py 180)
  florin_python_test(tls system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_tls.py 180)
  florin_python_test(crash crash ${CMAKE_CURRENT_SOURCE_DIR}/system/test_crash.py 1800)
  florin_python_test(kill_under_load crash
    ${CMAKE_CURRENT_SOURCE_DIR}/system/test_kill_under_load.py 1800)
  florin_python_test(backup system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_backup.py 180)
  florin_python_test(keys system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_keys.py 180)
  florin_python_test(subjects system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_subjects.py 300)
  florin_python_test(two_people system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_two_people.py 180)
  florin_python_test(production_people system
    ${CMAKE_CURRENT_SOURCE_DIR}/system/test_production_people.py 180)
  florin_python_test(notices system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_notices.py 180)
  florin_python_test(disputes system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_disputes.py 180)
  florin_python_test(stripe_notices system
    ${CMAKE_CURRENT_SOURCE_DIR}/system/test_stripe_notices.py 180)
  florin_python_test(clock system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_clock.py 180)
  florin_python_test(expiry system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_expiry.py 180)
  florin_python_test(payment_doubt system
    ${CMAKE_CURRENT_SOURCE_DIR}/system/test_payment_doubt.py 180)
  florin_python_test(idempotency system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_idempotency.py 180)
  florin_python_test(line_guard system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_line_guard.py 180)
  # The security module's bad cases, with the fault-injecting module before SoftHSM.
  florin_python_test(hsm_start system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_hsm_start.py 600)
  florin_python_test(hsm_running system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_hsm_running.py 1800)
  florin_python_test(hsm_outage system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_hsm_outage.py 600)
  florin_python_test(hsm_secrets system ${CMAKE_CURRENT_SOURCE_DIR}/system/test_hsm_secrets.py 180)
  set_tests_properties(first_payment payment_life branches bad_input connectors start_states hsm_life tls backup keys
    subjects two_people production_people payment_doubt notices disputes stripe_notices clock expiry
    line_guard idempotency
    crash kill_under_load hsm_start hsm_running hsm_outage hsm_secrets
    PROPERTIES RUN_SERIAL ON)
  set_tests_properties(production_people PROPERTIES SKIP_RETURN_CODE 77)
endif()
