#include "controller/cli/command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "common/base/duration.h"
#include "common/base/errors.h"

namespace tutti::cli {
namespace {

// Of a command and its remark, beside what is put around them.
constexpr size_t kExampleWidth = 70;

std::string Ensure(bool condition, const std::string& text) {
  return condition ? std::string() : text;
}

// 0 when it is no number, or too large.
uint32_t ParseNumber(const std::string& text) {
  uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  return result.ec == std::errc() && result.ptr == end ? number : 0;
}

}  // namespace

void AddGlobalOptions(CLI::App& app, Context& context) {
  app.add_option("--config", context.options.config,
                 "Configuration file; default: $TUTTI_CONFIG, then "
                 "~/.config/tutti/config.yaml")
      ->type_name("FILE")
      ->group(kCommonGroup);
  app.add_option("--fleet", context.options.fleet,
                 "Fleet of the configuration; default: its default_fleet")
      ->type_name("NAME")
      ->group(kCommonGroup);
  app.add_option_function<std::string>(
         "--color",
         [&context](const std::string& text) {
           context.terminal.set_color(text == "always"  ? ColorChoice::kAlways
                                      : text == "never" ? ColorChoice::kNever
                                                        : ColorChoice::kAuto);
         },
         "auto (on a terminal), always or never")
      ->check([](const std::string& text) {
        return Ensure(text == "auto" || text == "always" || text == "never",
                      fmt::format("unknown choice '{}'; use auto, always or "
                                  "never",
                                  text));
      })
      ->type_name("WHEN")
      ->group(kCommonGroup);
  app.set_help_flag("-h,--help", "Show this help")->group(kCommonGroup);
}

CLI::App& AddVerb(CLI::App& parent, const std::string& name,
                  const std::string& description, Context& context) {
  CLI::App& verb = *parent.add_subcommand(name, description);
  AddGlobalOptions(verb, context);
  // Words that fit nowhere are reported by the program in its own words.
  verb.allow_extras();
  return verb;
}

void SetAction(CLI::App& verb, Context& context, Action action) {
  verb.callback([&context, action = std::move(action)] {  //
    context.action = action;
  });
}

void AddOutputOption(CLI::App& verb, Context& context,
                     const std::vector<std::string>& formats) {
  verb.add_option_function<std::string>(
          "-o,--output",
          [&context](const std::string& text) {
            if (const auto format = ParseOutputFormat(text); format.ok()) {
              context.output = *format;
            }
          },
          fmt::format("{}", fmt::join(formats, ", ")))
      ->check([formats](const std::string& text) {
        return Ensure(
            std::find(formats.begin(), formats.end(), text) != formats.end(),
            fmt::format("unknown format '{}'; use {}{}", text,
                        formats.size() > 1 ? "one of " : "",
                        fmt::join(formats, ", ")));
      })
      ->type_name("FORMAT");
}

CLI::Option* AddPositionals(CLI::App& verb, const std::string& name,
                            std::vector<std::string>& values,
                            const std::string& description) {
  return verb.add_option(name, values, description);
}

CLI::Option* AddDuration(CLI::App& verb, const std::string& names,
                         std::optional<absl::Duration>& value,
                         const std::string& description) {
  return verb
      .add_option_function<std::string>(
          names,
          [&value](const std::string& text) {
            if (auto duration = ParseDuration(text); duration.ok()) {
              value = *duration;
            }
          },
          description)
      ->check([](const std::string& text) -> std::string {
        const auto duration = ParseDuration(text);
        return std::string(TextOf(duration.status()));
      })
      ->type_name("DURATION");
}

CLI::Option* AddNumber(CLI::App& verb, const std::string& names,
                       uint32_t& value, const std::string& description) {
  return verb.add_option(names, value, description)
      ->check([](const std::string& text) {
        return Ensure(ParseNumber(text) > 0,
                      fmt::format("'{}' is no number; give a whole number, 1 "
                                  "or more",
                                  text));
      })
      ->type_name("N");
}

void SetExamples(CLI::App& verb, const std::vector<Example>& examples) {
  // Remarks line up behind the commands that leave room for one; a longer
  // command has its remark above.
  const auto fits = [](const Example& example) {
    return example.command.size() + example.remark.size() <= kExampleWidth;
  };
  size_t width = 0;
  for (const Example& example : examples) {
    if (!example.remark.empty() && fits(example)) {
      width = std::max(width, example.command.size());
    }
  }
  std::string footer;
  for (const Example& example : examples) {
    if (example.remark.empty()) {
      footer += fmt::format("  {}\n", example.command);
    } else if (fits(example)) {
      footer += fmt::format("  {:<{}}  # {}\n", example.command, width,
                            example.remark);
    } else {
      footer += fmt::format("  # {}\n  {}\n", example.remark, example.command);
    }
  }
  verb.footer(footer);
}

void Warn(const Context& context, std::string_view text) {
  context.terminal.WriteError("tutti: " + Sanitize(text) + "\n");
}

void Show(const Context& context, std::string_view text) {
  context.terminal.Write(text);
}

void ShowListing(const Context& context, const Listing& listing,
                 std::string_view if_empty) {
  const OutputFormat format = context.output;
  if (listing.empty() && !if_empty.empty() &&
      (format == OutputFormat::kTable || format == OutputFormat::kWide)) {
    Warn(context, if_empty);
    return;
  }
  const Terminal& terminal = context.terminal;
  Show(context,
       listing.Format(format, terminal.OutputHasColor(),
                      terminal.OutputIsTerminal() ? terminal.Width() : 0));
}

}  // namespace tutti::cli
