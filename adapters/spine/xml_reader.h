#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/finding.h"

namespace cpis::spine {

/// What a foreign document may cost us. Whoever goes over is refused, with the line.
struct XmlLimits {
  std::size_t bytes_max = std::size_t{8} * 1024 * 1024;
  std::size_t depth_max = 64;
  std::size_t elements_max = 400'000;  ///< kept at one time
  std::size_t attributes_max = 64;     ///< of one element, namespace declarations included
};

namespace detail {
struct XmlTree;
}  // namespace detail

/// An element of an XmlDocument, or nothing. All questions to nothing are answered with nothing, so
/// that a path may be followed without a test at each step. Names are local names: prefixes are the
/// sender's business. Valid as long as its document (in a stream: during the callback).
class XmlView {
 public:
  XmlView() = default;
  XmlView(const detail::XmlTree* tree, std::uint32_t index) : tree_{tree}, index_{index} {}

  explicit operator bool() const { return tree_ != nullptr; }
  std::string_view name() const;
  std::string_view name_space() const;
  /// Own text without blanks around it; of an element with children, the text between them.
  std::string_view text() const;
  /// The attribute with this local name, whatever its prefix; without blanks around it.
  std::string_view attr(std::string_view name) const;
  /// The attribute with this namespace and local name (empty namespace: without one).
  std::optional<std::string_view> attr(std::string_view name_space, std::string_view name) const;
  std::size_t line() const;
  /// `/File/record[2]/CP-ISRecord`: without namespaces, ordinals only where there are several.
  std::string path() const;

  XmlView first_child() const;
  XmlView next() const;  ///< next sibling
  XmlView parent() const;
  /// First child with this local name.
  XmlView child(std::string_view name) const;
  /// Next sibling with the same local name.
  XmlView next_same() const;
  std::size_t count(std::string_view name) const;
  /// First element with this local name at most `depth` levels below (itself: 0), in document
  /// order.
  XmlView find(std::string_view name, int depth) const;
  /// `value` attribute of the child of this name.
  std::string_view value_of(std::string_view name) const { return child(name).attr("value"); }
  /// Text of the child of this name.
  std::string_view text_of(std::string_view name) const { return child(name).text(); }

 private:
  const detail::XmlTree* tree_ = nullptr;
  std::uint32_t index_ = 0;
};

/// A parsed document. Movable; views into it stay valid when it moves.
class XmlDocument {
 public:
  explicit XmlDocument(std::unique_ptr<detail::XmlTree> tree);
  XmlDocument(XmlDocument&&) noexcept;
  XmlDocument& operator=(XmlDocument&&) noexcept;
  ~XmlDocument();

  XmlView root() const;

 private:
  std::unique_ptr<detail::XmlTree> tree_;
};

/// Parses a whole document. Nothing and a fatal finding (XML-SYNTAX, XML-DTD, XML-LIMIT, with the
/// line) when it is not well formed, has a DOCTYPE, or is over a limit. No entity but the five of
/// XML is known, nothing is fetched from anywhere, and no text of the document is quoted.
std::optional<XmlDocument> parse_xml(std::string_view bytes, Findings& findings,
                                     const XmlLimits& limits = {});

/// Parses a document that need not fit in memory. Elements with a name in `split` are handed over
/// when they end and then forgotten; the rest stays.
class XmlStream {
 public:
  using OnElement = std::function<void(XmlView)>;

  XmlStream(std::vector<std::string> split, OnElement on_element, const XmlLimits& limits);
  ~XmlStream();
  XmlStream(const XmlStream&) = delete;
  XmlStream& operator=(const XmlStream&) = delete;

  /// False once the document has been refused; then further bytes are ignored.
  bool push(std::string_view bytes);
  /// What is left of the document, or nothing and a fatal finding. The stream is over.
  std::optional<XmlDocument> finish(Findings& findings);
  /// The rest of the document so far: what stands before the element being handed over.
  XmlView root() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cpis::spine
