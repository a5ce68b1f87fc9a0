#include <exception>
#include <iostream>

#include "gateway/console/console.h"

int main(int argc, char** argv) {
  try {
    return cpis::console::run(argc, argv);
  } catch (const std::exception& e) {
    // A bug or the end of a resource: nothing below expects to throw.
    std::cerr << "cpis-gateway: " << e.what() << '\n';
    return cpis::console::exit_failed;
  }
}
