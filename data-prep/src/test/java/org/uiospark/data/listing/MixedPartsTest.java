package org.uiospark.data.listing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders that are only called as parts of a data set are: all is read, and the user is told. */
class MixedPartsTest {
  @TempDir Path folder;

  @Test
  void foldersThatAreNamedForTrainingAndTestingAreToldOf() throws IOException {
    for (String name : List.of("train/a.txt", "train/more/b.txt", "test/c.txt", "other/d.txt")) {
      write("corpus/" + name);
    }
    String corpus = "file:" + folder.resolve("corpus");
    assertThat(mixed())
        .containsExactly(
            corpus
                + " holds files that are named for training and for testing (test 1, train 2), and"
                + " all are read; name one part, as '"
                + corpus
                + "/train', if the others shall stay unseen");
  }

  @Test
  void filesOfThoseNamesAreToo() throws IOException {
    write("train.jsonl");
    write("Dev_01.jsonl");
    write("val.csv");
    assertThat(mixed())
        .singleElement()
        .asString()
        .contains("(dev 1, train 1)", "as 'file:" + folder + "/train.jsonl'");
  }

  @Test
  void otherNamesAreNot() throws IOException {
    write("train.txt");
    write("trains/test.txt");
    write("testament.txt");
    write("test/notes.csv");
    assertThat(mixed()).isEmpty();
    write("deep/train/a.txt");
    assertThat(mixed()).isEmpty();
    write("deep/test/b.txt");
    assertThat(mixed()).singleElement().asString().contains("/deep holds ", "(test 1, train 1)");
  }

  private void write(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "text");
  }

  private List<String> mixed() throws IOException {
    Configuration configuration = new Configuration();
    org.apache.hadoop.fs.Path root = new org.apache.hadoop.fs.Path(folder.toUri());
    FileSystem files = root.getFileSystem(configuration);
    FolderWalk walk = new FolderWalk(new org.apache.hadoop.fs.Path(root, "out"), configuration);
    walk.addNamed(files, files.getFileStatus(root));
    walk.finish();
    return walk.mixed();
  }
}
