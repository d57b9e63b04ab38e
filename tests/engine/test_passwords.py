"""Generated passwords, from the real provider into the real state."""

from tests.engine.project import Project

PROGRAM = "pulumi.export('password', pulumi_random.RandomPassword('it', {}).result)"


def test_a_password_is_made_kept_and_removed(project: Project) -> None:
    project.program(PROGRAM.format("length=24, special=False"))

    project.run("up", "--yes")

    password = project.outputs()["password"]
    assert len(password) == 24
    assert password.isalnum()
    assert '"type": "random:index/randomPassword:RandomPassword"' in project.state()
    assert password not in project.state()

    project.run("up", "--yes", "--expect-no-changes")
    assert project.outputs()["password"] == password

    project.run("destroy", "--yes")
    assert "RandomPassword" not in project.state()


def test_another_keeper_makes_another_password(project: Project) -> None:
    passwords = set()
    for generation in ("1", "2"):
        project.program(PROGRAM.format(f"length=8, keepers={{'generation': '{generation}'}}"))
        project.run("up", "--yes")
        passwords.add(project.outputs()["password"])
    assert len(passwords) == 2


def test_a_preview_refuses_what_makes_no_password(project: Project) -> None:
    project.program(PROGRAM.format("length=0"))
    assert "must be at least 1" in project.run("preview", succeeds=False)

    project.program(PROGRAM.format("length=8, lower=False, upper=False, numeric=False, special=False"))
    assert "every class of characters is off" in project.run("preview", succeeds=False)
