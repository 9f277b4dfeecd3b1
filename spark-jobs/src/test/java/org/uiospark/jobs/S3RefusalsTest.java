package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What S3 does not give is told in one line, and never with a secret. */
@Tag("cluster")
class S3RefusalsTest {
  private static final String ROOT = "s3a://uio/";

  @TempDir static Path folder;
  private static S3Environment environment;

  @BeforeAll
  static void start() throws Exception {
    environment = new S3Environment(folder, 1);
    environment.server().createBucket("uio");
  }

  @AfterAll
  static void stop() throws Exception {
    environment.stop();
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3a://none-such/x", "s3a://locked/x", ROOT + "nothing"})
  void whatIsNotThereOrNotAllowedIsToldInOneLine(String uri) {
    String bucket = URI.create(uri).getHost();
    String says =
        switch (bucket) {
          case "none-such" -> "there is no such bucket";
          case S3Environment.LOCKED -> "access denied; give AWS_ACCESS_KEY_ID";
          default -> uri;
        };
    String model = CommandInput.TINY.toString();
    String tokenizer = model + "/tokenizer.json";
    String book = CommandInput.BOOK.toString();
    refused(says, "export", "--checkpoint", uri, "--output", ROOT + "new");
    refused(says, "audit", "--model", uri, "--adapter", ROOT + "x", "--tokens", tokenizer);
    if (bucket.equals(S3Environment.LOCKED)) {
      refused(
          says, "prep", "--input", book, "--output", ROOT + "new", "--tokenizer", uri + "/t.json");
      refused(says, "generate", "--model", model, "--adapter", uri, "--prompt-file", tokenizer);
      refused(says, "generate", "--model", model, "--adapter", ROOT + "x", "--prompt-file", uri);
      refused(says, "audit", "--model", model, "--adapter", uri, "--tokens", tokenizer);
      refused(says, "checkpoints", "list", "--output", uri);
      refused(bucket, "prep", "--input", book, "--output", uri, "--tokenizer", tokenizer);
      refused(says, "prep", "--input", uri, "--output", ROOT + "new", "--tokenizer", tokenizer);
    } else if (bucket.equals("uio")) {
      refused(says, "train", "--model", model, "--data", uri, "--output", ROOT + "new");
    } else {
      refused(says, "train", "--model", uri, "--data", ROOT + "x", "--output", ROOT + "new");
    }
    assertThat(environment.said()).doesNotContain(S3Server.SECRET);
  }

  private static void refused(String says, String... words) {
    CommandRun run = CommandRun.of((Object[]) words);
    assertRefused(run, says);
    assertThat(run.err()).doesNotContain(S3Server.SECRET);
  }

  @Test
  void credentialsInAUriAreRefusedAndNotRepeated() {
    String login = "s3a://" + S3Server.KEY + ":" + S3Server.SECRET + "@uio/run";
    String says = "holds credentials in its URI";
    refused("train.output " + says, "train", "--model", "m", "--data", "d", "--output", login);
    refused("prep.input " + says, "prep", "--input", "a", login, "--output", "d");
    refused("export.checkpoint " + says, "export", "--checkpoint", login, "--output", "d");
    refused("generate.prompt-file " + says, "generate", "--prompt-file", login);
    refused("train.steps " + says, "train", "--steps", login);
    refused("s3a://***", "train", login);
    refused("s3a:/***", "train", "--conf", login);
    assertThat(environment.said()).doesNotContain(S3Server.SECRET);
  }
}
