#include "conformance/peers/mesh/gzip.h"

#include <Poco/DeflatingStream.h>
#include <Poco/Exception.h>
#include <Poco/InflatingStream.h>

#include <iterator>
#include <sstream>

namespace cpis::peers {
namespace {

constexpr std::size_t bytes_max = std::size_t{64} * 1024 * 1024;

}  // namespace

std::string gzip(std::string_view bytes) {
  std::ostringstream out;
  Poco::DeflatingOutputStream deflating{out, Poco::DeflatingStreamBuf::STREAM_GZIP};
  deflating.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  deflating.close();
  return out.str();
}

std::optional<std::string> gunzip(std::string_view bytes) {
  try {
    std::istringstream in{std::string{bytes}};
    Poco::InflatingInputStream inflating{in, Poco::InflatingStreamBuf::STREAM_GZIP};
    std::string out;
    for (std::istreambuf_iterator<char> at{inflating}, end; at != end; ++at) {
      if (out.size() >= bytes_max) return std::nullopt;
      out += *at;
    }
    if (inflating.bad()) return std::nullopt;
    return out;
  } catch (const Poco::Exception&) {
    return std::nullopt;
  }
}

}  // namespace cpis::peers
