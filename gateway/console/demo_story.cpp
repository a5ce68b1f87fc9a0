#include "gateway/console/demo_story.h"

#include <iostream>

#include "gateway/console/http_get.h"

namespace cpis::console {

void Story::chapter(std::string_view text) { std::cout << "\n== " << text << '\n'; }

void Story::tell(std::string_view text) { std::cout << "  " << text << std::endl; }

bool Story::check(bool good, std::string_view what) {
  std::cout << (good ? "  ok    " : "  WRONG ") << what << std::endl;
  if (!good) ++wrong_;
  return good;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string get(const DemoWorld& world, const std::string& path) {
  const auto fetched = http_get(world.base + path);
  return fetched && fetched->status == 200 ? fetched->body : std::string{};
}

}  // namespace cpis::console
