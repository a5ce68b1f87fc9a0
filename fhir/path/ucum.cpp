#include "fhir/path/ucum.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <unordered_map>

#include "fhir/path/ucum_units.h"

namespace cpis::fhir::path::ucum {
namespace {

constexpr std::array<std::string_view, 7> base_codes{"m", "s", "g", "rad", "K", "C", "cd"};

struct Atom {
  Unit unit;
  bool metric = false;
};
using Atoms = std::unordered_map<std::string_view, Atom>;

bool scale_by(Unit& unit, const std::optional<Decimal>& numerator,
              const std::optional<Decimal>& denominator) {
  if (!numerator || !denominator) return false;
  unit.numerator = *numerator;
  unit.denominator = *denominator;
  return true;
}

bool times(Unit& a, const Unit& b, int exponent) {
  const Decimal& up = exponent > 0 ? b.numerator : b.denominator;
  const Decimal& down = exponent > 0 ? b.denominator : b.numerator;
  const int count = exponent > 0 ? exponent : -exponent;
  for (int i = 0; i < count; ++i) {
    if (!scale_by(a, Decimal::multiply(a.numerator, up), Decimal::multiply(a.denominator, down))) {
      return false;
    }
  }
  for (const auto& power : b.powers) {
    auto at = std::ranges::find(a.powers, power.base, &Unit::Power::base);
    if (at == a.powers.end()) at = a.powers.insert(at, {power.base, 0});
    at->exponent = static_cast<std::int16_t>(at->exponent + power.exponent * exponent);
    if (at->exponent > exponent_max || at->exponent < -exponent_max) return false;
    if (at->exponent == 0) a.powers.erase(at);
  }
  return true;
}

Unit number_unit(const Decimal& value) {
  Unit unit;
  unit.numerator = value;
  return unit;
}

/// Recursive descent over one code. UCUM 2.0.1, section 3, exhibit 1.
class Parser {
 public:
  Parser(std::string_view code, const Atoms& atoms) : code_{code}, atoms_{atoms} {}

  std::optional<Unit> whole() {
    auto unit = term(0);
    if (!unit || at_ != code_.size()) return std::nullopt;
    std::ranges::sort(unit->powers, {}, &Unit::Power::base);
    return unit;
  }

 private:
  bool peek(char c) const { return at_ < code_.size() && code_[at_] == c; }
  bool take(char c) {
    if (!peek(c)) return false;
    ++at_;
    return true;
  }

  std::optional<Unit> term(int depth) {
    if (depth > depth_max) return std::nullopt;
    Unit unit;
    int sign = take('/') ? -1 : 1;
    while (true) {
      const auto part = component(depth);
      if (!part) return std::nullopt;
      // A temperature scale with a zero point of its own stands alone.
      if (part->offset) {
        if (at_ != code_.size() || sign < 0 || !unit.powers.empty()) return std::nullopt;
        return part;
      }
      if (!times(unit, *part, sign)) return std::nullopt;
      if (take('.')) {
        sign = 1;
      } else if (take('/')) {
        sign = -1;
      } else {
        return unit;
      }
    }
  }

  std::optional<Unit> component(int depth) {
    std::optional<Unit> unit;
    if (take('(')) {
      unit = term(depth + 1);
      if (!unit || !take(')')) return std::nullopt;
      return unit;
    }
    if (peek('{')) return annotation() ? std::optional{Unit{}} : std::nullopt;
    unit = number();
    if (!unit) unit = simple();
    if (!unit || (peek('{') && !annotation())) return std::nullopt;
    return unit;
  }

  bool annotation() {
    const auto end = code_.find('}', at_);
    if (end == std::string_view::npos) return false;
    const auto text = code_.substr(at_ + 1, end - at_ - 1);
    if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < 127 && c != '{'; }))
      return false;
    at_ = end + 1;
    return true;
  }

  bool digit_at(std::size_t i) const {
    return i < code_.size() && code_[i] >= '0' && code_[i] <= '9';
  }

  // A whole number; `10*` and `10^` are units and not numbers.
  std::optional<Unit> number() {
    if (!digit_at(at_)) return std::nullopt;
    std::size_t end = at_;
    while (digit_at(end)) ++end;
    if (code_.substr(at_, 3) == "10*" || code_.substr(at_, 3) == "10^") return std::nullopt;
    const auto value = Decimal::parse(code_.substr(at_, end - at_));
    if (!value || value->zero()) return std::nullopt;
    at_ = end;
    return number_unit(*value);
  }

  static bool ends_atom(char c) { return c == '.' || c == '/' || c == '(' || c == ')' || c == '{'; }

  // The atom goes to the next operator that is not inside brackets; digits at its end may be the
  // exponent, so the longest atom that is known wins.
  std::optional<Unit> simple() {
    std::size_t end = at_;
    bool bracket = false;
    while (end < code_.size() && (bracket || !ends_atom(code_[end]))) {
      if (code_[end] == '[') bracket = true;
      if (code_[end] == ']') bracket = false;
      ++end;
    }
    for (std::size_t stop = end; stop > at_; --stop) {
      if (auto unit = powered(code_.substr(at_, stop - at_), code_.substr(stop, end - stop))) {
        at_ = end;
        return unit;
      }
    }
    return std::nullopt;
  }

  std::optional<Unit> powered(std::string_view name, std::string_view exponent) const {
    const auto power = exponent_of(exponent);
    if (!power) return std::nullopt;
    const auto atom = prefixed(name);
    if (!atom || (atom->offset && *power != 1)) return std::nullopt;
    if (atom->offset) return atom;
    Unit unit;
    if (!times(unit, *atom, *power)) return std::nullopt;
    return unit;
  }

  static std::optional<int> exponent_of(std::string_view text) {
    if (text.empty()) return 1;
    const bool negative = text.front() == '-';
    if (negative || text.front() == '+') text.remove_prefix(1);
    if (text.empty() || text.size() > 2) return std::nullopt;
    int value = 0;
    for (const char c : text) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    if (value == 0 || value > exponent_max) return std::nullopt;
    return negative ? -value : value;
  }

  std::optional<Unit> prefixed(std::string_view name) const {
    if (const auto whole = atoms_.find(name); whole != atoms_.end()) return whole->second.unit;
    for (const auto& prefix : prefix_rows()) {
      if (!name.starts_with(prefix.code)) continue;
      const auto atom = atoms_.find(name.substr(prefix.code.size()));
      if (atom == atoms_.end() || !atom->second.metric) continue;
      Unit unit = atom->second.unit;
      const Unit by = number_unit(prefix.factor == 1 ? Decimal{Int128{1}, -prefix.exponent}
                                                     : Decimal{prefix.factor});
      if (!times(unit, by, 1)) return std::nullopt;
      return unit;
    }
    return std::nullopt;
  }

  std::string_view code_;
  const Atoms& atoms_;
  std::size_t at_ = 0;
};

Unit own_unit(std::size_t base) {
  Unit unit;
  unit.powers.push_back({static_cast<std::uint16_t>(base), 1});
  return unit;
}

// Kelvin at the zero of the scale.
std::optional<Decimal> zero_point(Scale scale) {
  switch (scale) {
    case Scale::celsius:
    case Scale::reaumur:
      return Decimal{Int128{27315}, 2};
    case Scale::fahrenheit:
      return Decimal::divide(Decimal{Int128{229835}, 2}, Decimal{9});
    case Scale::ratio:
    case Scale::own:
      break;
  }
  return std::nullopt;
}

// Rows refer to rows above and below them: go round until nothing is left.
Atoms make_atoms() {
  Atoms atoms;
  for (std::size_t i = 0; i < base_codes.size(); ++i) atoms[base_codes[i]] = {own_unit(i), true};
  std::vector<const UnitRow*> open;
  for (const auto& row : unit_rows()) open.push_back(&row);
  for (std::size_t before = open.size() + 1; open.size() < before;) {
    before = open.size();
    std::erase_if(open, [&](const UnitRow* row) {
      if (row->scale == Scale::own) {
        const auto index = static_cast<std::size_t>(row - unit_rows().data());
        atoms[row->code] = {own_unit(base_codes.size() + index), row->metric};
        return true;
      }
      auto unit = Parser{row->unit, atoms}.whole();
      const auto value = Decimal::parse(row->value);
      if (!unit || !value || !times(*unit, number_unit(*value), 1)) return false;
      unit->offset = zero_point(row->scale);
      atoms[row->code] = {*unit, row->metric};
      return true;
    });
  }
  return atoms;
}

const Atoms& all_atoms() {
  static const Atoms atoms = make_atoms();
  return atoms;
}

std::optional<Decimal> to_base(const Decimal& value, const Unit& unit) {
  const auto up = Decimal::multiply(value, unit.numerator);
  auto base = up ? (unit.denominator == Decimal{1} ? up : Decimal::divide(*up, unit.denominator))
                 : std::nullopt;
  if (base && unit.offset) base = Decimal::add(*base, *unit.offset);
  return base;
}

std::optional<Decimal> from_base(const Decimal& base, const Unit& unit) {
  const auto shifted = unit.offset ? Decimal::subtract(base, *unit.offset) : std::optional{base};
  const auto up = shifted ? Decimal::multiply(*shifted, unit.denominator) : std::nullopt;
  return up ? Decimal::divide(*up, unit.numerator) : std::nullopt;
}

}  // namespace

std::optional<Unit> parse(std::string_view code) {
  if (code.empty() || code.size() > code_bytes_max) return std::nullopt;
  return Parser{code, all_atoms()}.whole();
}

std::optional<Decimal> convert(const Decimal& value, std::string_view from, std::string_view to) {
  if (from == to) return value;
  const auto source = parse(from);
  const auto target = parse(to);
  if (!source || !target || !source->same_dimension(*target)) return std::nullopt;
  if (source->offset || target->offset) {
    // The zero points are quotients: the last digits are noise and go.
    constexpr int digits_behind_point = 20;
    const auto base = to_base(value, *source);
    const auto noisy = base ? from_base(*base, *target) : std::nullopt;
    const auto clean = noisy ? noisy->rounded(digits_behind_point) : std::nullopt;
    return clean ? clean->reduced() : noisy;
  }
  // One division at the end keeps decimal ratios exact.
  const auto up = Decimal::multiply(source->numerator, target->denominator);
  const auto down = Decimal::multiply(source->denominator, target->numerator);
  const auto product = up ? Decimal::multiply(value, *up) : std::nullopt;
  return product && down ? Decimal::divide(*product, *down) : std::nullopt;
}

std::optional<Canonical> canonical(const Decimal& value, std::string_view code) {
  const auto unit = parse(code);
  const auto base = unit ? to_base(value, *unit) : std::nullopt;
  if (!base) return std::nullopt;
  Canonical result{base->reduced(), {}};
  for (const auto& power : unit->powers) {
    result.unit += std::to_string(power.base) + '^' + std::to_string(power.exponent) + '.';
  }
  return result;
}

std::string product(std::string_view a, std::string_view b) {
  if (a == "1") return std::string{b};
  if (b == "1") return std::string{a};
  return std::string{a} + '.' + std::string{b};
}

std::string quotient(std::string_view a, std::string_view b) {
  if (a == b) return "1";
  if (b == "1") return std::string{a};
  const bool compound = b.find_first_of("./") != std::string_view::npos;
  const std::string divisor = compound ? '(' + std::string{b} + ')' : std::string{b};
  return (a == "1" ? std::string{} : std::string{a}) + '/' + divisor;
}

}  // namespace cpis::fhir::path::ucum
