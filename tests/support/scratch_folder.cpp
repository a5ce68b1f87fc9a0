#include "tests/support/scratch_folder.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace cpis::test {

ScratchFolder::ScratchFolder() {
  path_ = (std::filesystem::temp_directory_path() / "cpis-test-XXXXXX").string();
  if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error{"no scratch folder"};
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace cpis::test
