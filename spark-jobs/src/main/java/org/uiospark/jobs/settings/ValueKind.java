package org.uiospark.jobs.settings;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValueFactory;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.uiospark.data.storage.InputFile;

/** What one value is, and between which ends. */
sealed interface ValueKind {
  /** The value in Java; empty if it is none of this kind, or is out of range. */
  Optional<Object> read(String written);

  /** What stands for a value behind an option in the help. */
  String label();

  /** Whether an empty text stands for no value. */
  default boolean isText() {
    return false;
  }

  /** What an error adds to the words of the file, such as an end that every such number has. */
  default String unsaid() {
    return "";
  }

  /**
   * The kind that some words of {@code conf/uio.conf} mean.
   *
   * @throws IllegalArgumentException if they mean none
   */
  static ValueKind of(String words) {
    Matcher whole = Whole.WORDS.matcher(words);
    if (whole.matches()) {
      return Whole.of(whole.group("least"), whole.group("most"));
    }
    Matcher real = Real.WORDS.matcher(words);
    if (real.matches()) {
      double least = Double.parseDouble(real.group("least"));
      String most = real.group("most");
      return new Real(
          real.group("end").equals("above") ? Math.nextUp(least) : least,
          most == null ? Double.MAX_VALUE : Double.parseDouble(most),
          real.group("end").equals("from") && most == null ? " up" : "");
    }
    Matcher size = Size.WORDS.matcher(words);
    if (size.matches()) {
      return Size.of(size.group("least"), size.group("most"));
    }
    Matcher names = Name.WORDS.matcher(words);
    if (names.matches()) {
      return new Name(List.of(names.group("names").split(", ")));
    }
    return switch (words) {
      case "text", "texts" -> new Text("TEXT");
      case "URI", "URIs" -> new Text("URI");
      case "path on this machine" -> new LocalPath();
      default -> throw new IllegalArgumentException("no kind of setting: " + words);
    };
  }

  /** A whole number; both ends are allowed. */
  record Whole(long least, long most) implements ValueKind {
    private static final Pattern WORDS =
        Pattern.compile("whole numbers?( of 64 bits| from (?<least>-?\\d+)( to (?<most>\\d+))?)");

    private static Whole of(String least, String most) {
      return least == null
          ? new Whole(Long.MIN_VALUE, Long.MAX_VALUE)
          : new Whole(
              Long.parseLong(least), most == null ? Integer.MAX_VALUE : Long.parseLong(most));
    }

    @Override
    public Optional<Object> read(String written) {
      return parsed(ValueKind::exact, written)
          .filter(it -> it >= least && it <= most)
          .map(it -> it);
    }

    @Override
    public String label() {
      return "N";
    }

    @Override
    public String unsaid() {
      return most == Integer.MAX_VALUE ? " to " + most : "";
    }
  }

  /** A finite number; both ends are allowed. */
  record Real(double least, double most, String unsaid) implements ValueKind {
    private static final Pattern WORDS =
        Pattern.compile("numbers? (?<end>from|above) (?<least>[\\d.]+)( to (?<most>[\\d.]+))?");

    @Override
    public Optional<Object> read(String written) {
      return parsed(Double::valueOf, written).filter(it -> it >= least && it <= most).map(it -> it);
    }

    @Override
    public String label() {
      return "X";
    }
  }

  /** Bytes, maybe with a unit as in {@code 512 MiB}. */
  record Size(long least, long most) implements ValueKind {
    private static final Pattern WORDS =
        Pattern.compile("size( from (?<least>\\d+ \\w+))?( up to (?<most>\\d+ \\w+))?");

    /** The library would make 0 of NaN, and of what is too large the largest long. */
    private static final Pattern UNITLESS = Pattern.compile("[-+]?(NaN|Infinity)|[0-9.eE+-]*[0-9]");

    private static Size of(String least, String most) {
      return new Size(
          least == null ? 0 : bytes(least), most == null ? Long.MAX_VALUE : bytes(most));
    }

    private static long bytes(String written) {
      return UNITLESS.matcher(written).matches()
          ? exact(written)
          : ConfigValueFactory.fromAnyRef(written).atKey("size").getBytes("size");
    }

    @Override
    public Optional<Object> read(String written) {
      return parsed(Size::bytes, written).filter(it -> it >= least && it <= most).map(it -> it);
    }

    @Override
    public String label() {
      return "SIZE";
    }

    @Override
    public String unsaid() {
      return ", such as 512 MiB";
    }
  }

  /** One of some names. */
  record Name(List<String> names) implements ValueKind {
    private static final Pattern WORDS = Pattern.compile("(one|some) of (?<names>.+)");

    @Override
    public Optional<Object> read(String written) {
      return Optional.<Object>of(written).filter(names::contains);
    }

    @Override
    public String label() {
      return "NAME";
    }
  }

  /** Any text, a URI among them. */
  record Text(String label) implements ValueKind {
    @Override
    public boolean isText() {
      return true;
    }

    @Override
    public Optional<Object> read(String written) {
      return Optional.of(written);
    }
  }

  /** A path where no other file system would do. */
  record LocalPath() implements ValueKind {
    @Override
    public boolean isText() {
      return true;
    }

    @Override
    public Optional<Object> read(String written) {
      return Optional.<Object>of(written).filter(path -> !InputFile.isUri(written));
    }

    @Override
    public String label() {
      return "PATH";
    }

    @Override
    public String unsaid() {
      return ", without a scheme";
    }
  }

  /** The library's own conversion makes 1 of 1.5, and the largest long of 1e30, without a word. */
  private static long exact(String written) {
    return new BigDecimal(written.strip()).longValueExact();
  }

  private static <T> Optional<T> parsed(Function<String, T> parse, String written) {
    try {
      return Optional.of(parse.apply(written));
    } catch (NumberFormatException | ArithmeticException | ConfigException e) {
      return Optional.empty();
    }
  }
}
