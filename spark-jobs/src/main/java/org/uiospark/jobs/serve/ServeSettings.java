package org.uiospark.jobs.serve;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalInt;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.reading.Sampling;

/**
 * What {@code serve} does.
 *
 * @param model URI of the base model
 * @param adapter URI of an exported adapter or a checkpoint
 * @param memoryTokens of those that the adapter was trained for; empty for the most
 * @param memories URI of the folder of memory files
 * @param name of what is served, for {@code model} of requests
 * @param address to listen at
 * @param token that a request has to bear; empty for none
 * @param sampling of requests that say nothing of it
 * @param limits of everything
 */
record ServeSettings(
    String model,
    String adapter,
    OptionalInt memoryTokens,
    String memories,
    String name,
    InetSocketAddress address,
    String token,
    Sampling sampling,
    Limits limits) {
  private static final int SHORTEST_TOKEN = 16;

  /**
   * Reads and checks the section {@code serve}.
   *
   * @param cores workers where the settings leave their number open
   */
  static ServeSettings of(Settings settings, int cores) {
    InetSocketAddress address =
        address(settings.text("serve.host"), settings.integer("serve.port"));
    String file = settings.text("serve.token-file");
    if (file.isEmpty() && !address.getAddress().isLoopbackAddress()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "serve.host %s can be reached from elsewhere; give --token-file FILE with the token that requests have to bear",
              settings.text("serve.host")));
    }
    return new ServeSettings(
        settings.text("serve.model"),
        settings.text("serve.adapter"),
        settings.integerOrAuto("serve.memory-tokens"),
        settings.text("serve.memories"),
        settings.text("serve.name"),
        address,
        file.isEmpty() ? "" : token(Path.of(file)),
        new Sampling(
            settings.number("serve.temperature"),
            settings.number("serve.top-p"),
            settings.whole("serve.seed")),
        Limits.of(settings, cores));
  }

  private static InetSocketAddress address(String host, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException e) {
      throw new InvalidInputException(
          "serve.host " + host + " is no address of this machine; give one, such as 127.0.0.1", e);
    }
  }

  private static String token(Path file) {
    String token = new String(InputJson.bytes(file), StandardCharsets.UTF_8).strip();
    if (token.length() < SHORTEST_TOKEN || !token.matches("[!-~]+")) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "token file %s does not hold one word of at least %d ASCII characters; write one that is hard to guess",
              file,
              SHORTEST_TOKEN));
    }
    return token;
  }
}
