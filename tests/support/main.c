/* SPDX-License-Identifier: MIT */

/* The main of every test program. Check's own variables choose what runs and
 * what is printed: CK_RUN_CASE, CK_FORK, CK_VERBOSITY and so on. */

#include "support/suite.h"

#include <stdlib.h>


int main(void) {
  SRunner* runner;
  int failed;
  int ran;

  runner = srunner_create(suite());
  srunner_run_all(runner, CK_ENV);
  ran = srunner_ntests_run(runner);
  failed = srunner_ntests_failed(runner);
  srunner_free(runner);

  /* A program that tested nothing has not passed. */
  return ran > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
