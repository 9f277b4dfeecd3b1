package org.uiospark.jobs.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.model.input.InvalidInputException;

class ModelFolderTest {
  @TempDir Path folder;
  private Path model;
  private Path cache;

  @BeforeEach
  void modelOnAFileSystem() throws IOException {
    model = Files.createDirectory(folder.resolve("model"));
    Files.writeString(model.resolve("config.json"), "{}");
    Files.writeString(model.resolve("model.safetensors"), "weights");
    Files.writeString(model.resolve("pytorch_model.bin"), "of no use");
    cache = folder.resolve("cache");
  }

  @Test
  void aLocalModelIsReadWhereItLies() {
    Configuration none = new Configuration(false);

    Path relative = Path.of("models/llama");
    assertThat(ModelFolder.of("models/llama", none))
        .isEqualTo(new ModelFolder(relative.toAbsolutePath().toString(), relative, ""));
    assertThat(ModelFolder.of("file:/models/llama", none))
        .isEqualTo(new ModelFolder("/models/llama", Path.of("/models/llama"), ""));
  }

  @Test
  void aRemoteModelIsCopiedOnceAndNamedByItsSums() throws IOException {
    ModelFolder first = copied();
    Path weights = first.path().resolve("model.safetensors");
    FileTime written = Files.getLastModifiedTime(weights);

    assertThat(weights).hasContent("weights");
    assertThat(first.path().resolve("pytorch_model.bin")).doesNotExist();
    assertThat(first.path().resolve("SHA256SUMS"))
        .content()
        // printf weights | sha256sum
        .contains(
            "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c  model.safetensors");
    assertThat(copied()).isEqualTo(first);
    assertThat(Files.getLastModifiedTime(weights)).isEqualTo(written);
  }

  @Test
  void aModelThatChangedIsAnotherOne() throws IOException {
    ModelFolder first = copied();
    Files.writeString(model.resolve("model.safetensors"), "WEIGHTS");
    Files.setLastModifiedTime(
        model.resolve("model.safetensors"), FileTime.from(Instant.now().plusSeconds(5)));
    ModelFolder second = copied();

    assertThat(second.path()).isNotEqualTo(first.path());
    assertThat(second.sums()).isNotEqualTo(first.sums());
    assertThat(first.path().resolve("model.safetensors")).hasContent("weights");
  }

  @Test
  void whatAKilledCopyLeftIsNotTakenForTheModel() throws IOException {
    ModelFolder whole = copied();
    Path part = cache.resolve(whole.path().getFileName() + ".part");
    Files.move(whole.path(), part);
    Files.writeString(part.resolve("model.safetensors"), "wei");

    assertThat(copied()).isEqualTo(whole);
    assertThat(whole.path().resolve("model.safetensors")).hasContent("weights");
    assertThat(part).doesNotExist();
  }

  @Test
  void aFolderWithoutAModelIsRefused() throws IOException {
    Files.delete(model.resolve("config.json"));

    assertThatThrownBy(this::copied)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("has no config.json");
    assertThat(cache).doesNotExist();
  }

  private ModelFolder copied() throws IOException {
    FileSystem fs = new RawLocalFileSystem();
    fs.initialize(URI.create("file:///"), new Configuration());
    return ModelFolder.copied(new org.apache.hadoop.fs.Path(model.toUri()), fs, cache);
  }
}
