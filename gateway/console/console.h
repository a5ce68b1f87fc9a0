#pragma once

namespace cpis::console {

/// Exit codes of the program, in its help and its README.
enum ExitCode : int {
  exit_ok = 0,
  exit_findings = 1,  ///< the input was read and something in it is wrong
  exit_usage = 2,     ///< the command line cannot be understood
  exit_config = 3,    ///< the configuration is wrong
  exit_store = 4,     ///< the store cannot be opened or written
  exit_failed = 5,    ///< anything else that stopped the work
};

/// Runs the command line; gives the exit code.
int run(int argc, char** argv);

}  // namespace cpis::console
