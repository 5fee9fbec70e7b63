import pytest

from agentkit.privacy import coverage_warning

ENGLISH = "The Tenant pays the Rent on the first day of each month. " * 20


@pytest.mark.parametrize(
    ("sentence", "script"),
    [
        ("يدفع المستأجر أحمد الخطيب الإيجار إلى المؤجر في اليوم الأول من كل شهر.", "Arabic"),
        ("השוכר דוד לוי ישלם למשכיר את דמי השכירות ביום הראשון של כל חודש קלנדרי.", "Hebrew"),
        (
            "承租人王小明应当在每月第一日向出租人支付租金。如有任何通知，请书面联系承租人，并以挂号信寄送至合同所载地址。",
            "Chinese",
        ),
        (
            "賃借人の田中は、毎月一日に賃貸人に対して賃料を支払うものとする。通知は書面により行うものとし、郵送する。",
            "Japanese",
        ),
        (
            "임차인 김민수는 매월 첫째 날에 임대인에게 차임을 지급하여야 한다. 통지는 서면으로 하여야 한다.",
            "Korean",
        ),
        ("Арендатор Иван Петров платит арендную плату в первый день каждого месяца.", "Cyrillic"),
        ("Ο μισθωτής Γιώργος Παππάς καταβάλλει το μίσθωμα την πρώτη ημέρα κάθε μήνα.", "Greek"),
        ("किरायेदार रमेश कुमार हर महीने की पहली तारीख को मकान मालिक को किराया देगा।", "Devanagari"),
        ("ผู้เช่านายสมชายต้องชำระค่าเช่าแก่ผู้ให้เช่าในวันที่หนึ่งของทุกเดือน", "Thai"),
    ],
)
def test_a_script_without_known_names_is_named_in_a_full_sentence(sentence: str, script: str) -> None:
    warning = coverage_warning(sentence * 2)
    assert warning is not None
    assert f"Personal names in {script} script are not recognized" in warning
    assert "privacy.recognizer: spacy:MODEL" in warning
    assert warning.endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        "",
        ENGLISH,
        "Der Mieter Jürgen Groß zahlt die Miete; Čeněk Dvořák, Łukasz Żak und Şebnem Çağlar bürgen dafür gemeinsam.",
        "王小明",
        ENGLISH * 20 + "The Chinese name of the Tenant is " + "王" * 50,
    ],
)
def test_latin_letters_and_a_few_others_need_no_warning(text: str) -> None:
    assert coverage_warning(text) is None


def test_a_bilingual_contract_names_every_script_that_matters() -> None:
    warning = coverage_warning(
        ENGLISH + "يدفع المستأجر الإيجار إلى المؤجر. " * 10 + "Арендатор платит арендную плату. " * 10
    )
    assert warning is not None
    assert "Arabic and Cyrillic script" in warning
